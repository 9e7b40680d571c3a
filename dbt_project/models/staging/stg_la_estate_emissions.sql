{{ stage_return('la_estate_emissions', ['financial_year']) }}
