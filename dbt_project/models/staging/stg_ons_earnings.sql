{{ stage_nomis('ons_earnings', ['calendar_year']) }}
