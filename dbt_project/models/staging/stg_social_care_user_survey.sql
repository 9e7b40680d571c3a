{{ stage_survey('social_care_user_survey') }}
