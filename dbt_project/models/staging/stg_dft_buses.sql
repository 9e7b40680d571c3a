{{ stage_live_table('dft_buses', ['financial_year']) }}
