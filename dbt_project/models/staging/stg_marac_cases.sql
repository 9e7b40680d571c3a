{{ stage_return('marac_cases', ['financial_year']) }}
