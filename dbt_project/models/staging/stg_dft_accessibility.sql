{{ stage_live_table('dft_accessibility', ['financial_year', 'calendar_year']) }}
