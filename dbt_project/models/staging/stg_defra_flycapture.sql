{{ stage_live_table('defra_flycapture', ['financial_year']) }}
