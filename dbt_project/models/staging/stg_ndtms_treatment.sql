{{ stage_fingertips('ndtms_treatment', ['financial_year']) }}
