{{ stage_live_table('clg_council_homes', ['financial_year', 'wave']) }}
