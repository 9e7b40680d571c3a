{{ stage_fingertips('nhs_vital_signs', ['financial_quarter', 'financial_year'], scheme='pct') }}
