{{ stage_cube('dwp_housing_benefit', ['financial_quarter', 'financial_year']) }}
