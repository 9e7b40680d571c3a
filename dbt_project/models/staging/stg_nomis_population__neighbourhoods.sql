{{ stage_nomis_neighbourhoods('nomis_population', ['mid_year']) }}
