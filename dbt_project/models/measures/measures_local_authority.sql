{{ config(materialized='incremental', incremental_strategy='remake', unique_key='measure_id') }}
{{ item_measures(staging_of_cells('local_authority')) }}
