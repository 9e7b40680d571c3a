{{ stage_live_table('clg_fire_incidents', ['financial_year']) }}
