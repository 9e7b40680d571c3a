{{ stage_fingertips('ons_conceptions', ['calendar_year']) }}
