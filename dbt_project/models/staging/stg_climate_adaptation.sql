{{ stage_return('climate_adaptation', ['financial_year']) }}
