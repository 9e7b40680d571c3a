{{ stage_live_table('clg_planning', ['financial_quarter', 'financial_year']) }}
