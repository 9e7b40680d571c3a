{{ stage_live_table('hca_land_use', ['financial_year']) }}
