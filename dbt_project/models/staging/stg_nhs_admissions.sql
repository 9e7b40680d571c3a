{{ stage_fingertips('nhs_admissions', ['financial_year']) }}
