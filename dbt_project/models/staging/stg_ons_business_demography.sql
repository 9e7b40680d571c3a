{{ stage_long('ons_business_demography', ['calendar_year']) }}
