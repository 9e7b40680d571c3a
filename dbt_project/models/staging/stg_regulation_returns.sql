{{ stage_return('regulation_returns', ['financial_year']) }}
