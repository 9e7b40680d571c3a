{{ stage_return('hub_council_returns', ['financial_year']) }}
