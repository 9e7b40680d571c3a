{{ stage_long('ascof_social_care', ['financial_year']) }}
