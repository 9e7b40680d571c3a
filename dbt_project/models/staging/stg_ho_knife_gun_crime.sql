{{ stage_ho_force('ho_knife_gun_crime') }}
