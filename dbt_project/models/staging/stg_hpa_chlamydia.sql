{{ stage_fingertips('hpa_chlamydia', ['financial_year']) }}
