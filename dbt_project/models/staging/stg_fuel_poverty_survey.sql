{{ stage_return('fuel_poverty_survey', ['financial_year']) }}
