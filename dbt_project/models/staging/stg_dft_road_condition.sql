{{ stage_live_table('dft_road_condition', ['financial_year']) }}
