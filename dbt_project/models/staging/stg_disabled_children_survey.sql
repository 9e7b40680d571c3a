{{ stage_survey('disabled_children_survey') }}
