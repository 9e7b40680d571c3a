{{ stage_live_table('clg_housing_supply', ['financial_year']) }}
