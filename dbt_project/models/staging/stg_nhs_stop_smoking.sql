{{ stage_fingertips('nhs_stop_smoking', ['financial_year']) }}
