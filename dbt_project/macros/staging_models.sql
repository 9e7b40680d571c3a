{#- Staging models: the one list that quarantine and the measures of each domain are made from. -#}

{#- Models whose cells `item_measures` turns into measures, by domain. -#}
{% macro staging_of_cells(domain) -%}
    {{ return({
        'economy': [
            'stg_dwp_benefits__claimants',
            'stg_dwp_benefits__flows',
            'stg_dwp_housing_benefit',
            'stg_hmrc_child_poverty',
            'stg_lsc_employer_skills',
            'stg_nomis_labour_market',
            'stg_ons_business_demography',
            'stg_ons_earnings',
        ],
        'education': [
            'stg_ccis_neet',
            'stg_dcsf_a_levels',
            'stg_dcsf_absence_exclusions',
            'stg_dcsf_attainment_by_19',
            'stg_dcsf_children_in_need',
            'stg_dcsf_extended_services',
            'stg_dcsf_eyfs_profile',
            'stg_dcsf_key_stage_2',
            'stg_dcsf_key_stage_3',
            'stg_dcsf_key_stage_4',
            'stg_dcsf_looked_after_children',
            'stg_dcsf_post16_participation',
            'stg_dcsf_school_results',
            'stg_dcsf_sen2',
            'stg_dius_he_progression',
            'stg_lsc_skills',
            'stg_ofsted_schools',
            'stg_school_meals_and_sport',
            'stg_school_travel',
        ],
        'environment': [
            'stg_animal_health',
            'stg_climate_adaptation',
            'stg_defra_flycapture',
            'stg_defra_street_cleanliness',
            'stg_ea_flood_actions',
            'stg_fuel_poverty_survey',
            'stg_la_estate_emissions',
            'stg_local_sites',
        ],
        'health': [
            'stg_ascof_social_care',
            'stg_hpa_chlamydia',
            'stg_mhmds',
            'stg_ndtms_treatment',
            'stg_nhs_admissions',
            'stg_nhs_child_measurement',
            'stg_nhs_delayed_transfers',
            'stg_nhs_patient_survey',
            'stg_nhs_stop_smoking',
            'stg_nhs_vital_signs',
            'stg_ons_conceptions',
            'stg_ons_healthy_life',
            'stg_ons_mortality_by_age',
            'stg_ons_place_of_death',
            'stg_social_care_user_survey',
        ],
        'housing': [
            'stg_clg_council_homes',
            'stg_clg_housing_supply',
            'stg_clg_planning',
            'stg_hca_land_use',
            'stg_supporting_people',
        ],
        'local_authority': [
            'stg_hub_council_returns',
            'stg_regulation_returns',
        ],
        'police': [
            'stg_clg_fire_incidents',
            'stg_crowded_places',
            'stg_ho_drug_offending',
            'stg_ho_homicide_index',
            'stg_ho_knife_gun_crime',
            'stg_ho_ppo_reoffending',
            'stg_marac_cases',
            'stg_moj_adult_reoffending',
            'stg_moj_first_time_entrants',
            'stg_noms_probation_outcomes',
            'stg_sexual_offence_support',
            'stg_yjb_yot_returns',
        ],
        'survey': [
            'stg_active_people',
            'stg_asb_reporter_survey',
            'stg_disabled_children_survey',
            'stg_place_survey',
            'stg_tellus',
            'stg_third_sector_survey',
        ],
        'transport': [
            'stg_dft_accessibility',
            'stg_dft_buses',
            'stg_dft_congestion',
            'stg_dft_road_condition',
        ],
    }[domain]) }}
{%- endmacro %}

{#- Every staging model. -#}
{% macro staging_models() -%}
    {%- set models = [
        'stg_clg_homelessness__ta1',
        'stg_decc_fuel_poverty',
        'stg_decc_fuel_poverty_county',
        'stg_decc_la_co2',
        'stg_defra_waste__table_1',
        'stg_defra_waste__table_2',
        'stg_defra_waste__table_3',
        'stg_dft_road_casualties__casualty',
        'stg_dft_road_casualties__collision',
        'stg_dwp_benefits__neighbourhoods',
        'stg_fingertips_campylobacter',
        'stg_ho_recorded_crime_csp',
        'stg_laa_targets',
        'stg_mps_borough_crime',
        'stg_nomis_population__neighbourhoods',
        'stg_nomis_population__residents',
        'stg_ons_employment_rate',
        'stg_ons_net_additions',
        'stg_ons_persistent_absence',
        'stg_ons_population',
        'stg_ons_weekly_pay',
        'stg_police_street_api',
        'stg_police_street_archive',
    ] -%}
    {%- for domain in [
        'economy', 'education', 'environment', 'health', 'housing', 'local_authority', 'police', 'survey', 'transport',
    ] -%}
        {%- do models.extend(staging_of_cells(domain)) -%}
    {%- endfor -%}
    {{ return(models) }}
{%- endmacro %}
