{{ stage_live_table('dft_congestion', ['academic_year']) }}
