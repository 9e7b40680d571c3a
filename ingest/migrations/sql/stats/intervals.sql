-- Limits of proportions, counts, rates, means and directly standardised rates. What is called on every value of a build
-- is one expression, which PostgreSQL puts in place of the call. It does so only while what is put in place of an
-- argument named several times is cheap: pass columns and short expressions, and let it be.

create type stats.interval as (lower float8, upper float8);
comment on type stats.interval is 'Confidence limits, in the unit of the statistic; null where there is none.';

create type stats.rate as (value float8, lower float8, upper float8);
comment on type stats.rate is 'A rate with its confidence limits, each per multiplier.';

create function stats.proportion_ci(numerator float8, denominator float8, level float8) returns stats.interval
language sql immutable parallel safe
begin atomic
    select row(
        case when
            denominator > 0 and denominator < 'infinity' and numerator between 0 and denominator and level is not null
        then
            greatest(0, (
                2 * numerator + stats.z(level) * stats.z(level)
                - stats.z(level) * sqrt(stats.z(level) * stats.z(level) + 4 * numerator * (1 - numerator / denominator))
            ) / (2 * (denominator + stats.z(level) * stats.z(level))))
        end,
        case when
            denominator > 0 and denominator < 'infinity' and numerator between 0 and denominator and level is not null
        then
            least(1, (
                2 * numerator + stats.z(level) * stats.z(level)
                + stats.z(level) * sqrt(stats.z(level) * stats.z(level) + 4 * numerator * (1 - numerator / denominator))
            ) / (2 * (denominator + stats.z(level) * stats.z(level))))
        end
    )::stats.interval;
end;
comment on function stats.proportion_ci(float8, float8, float8) is
'Limits of the share numerator / denominator, 0 to 1, at a level such as 0.95 or 0.998. Null limits unless
0 <= numerator <= denominator and denominator > 0. Source: Wilson (1927), as OHID Fingertips technical guidance and
PHEindicatormethods use it.';

create function stats.proportion_ci(numerator float8, denominator float8, level float8, design_effect float8)
returns stats.interval
language sql immutable parallel safe
begin atomic
    select stats.proportion_ci(
        numerator / case when design_effect > 0 then design_effect end,
        denominator / case when design_effect > 0 then design_effect end,
        level
    );
end;
comment on function stats.proportion_ci(float8, float8, float8, float8) is
'Limits of a share of a survey, 0 to 1: Wilson''s on the effective sample, denominator / design effect. Null limits
where the design effect is not above 0. Source: Wilson (1927); Kish (1965) for the effective sample.';

create function stats.count_ci(count float8, level float8) returns stats.interval
language sql immutable parallel safe
begin atomic
    select row(
        case
            when count >= 'infinity' then null
            when count >= 10 then
                -- From ten on this is above 0 at every level that a float8 can hold.
                count * (1 - 1 / (9 * count) - stats.z(level) / (3 * sqrt(count))) ^ 3
            when count >= 0 then stats.exact_limit(count, level, false)
        end,
        case
            when count >= 'infinity' then null
            when count >= 10 then
                (count + 1) * (1 - 1 / (9 * (count + 1)) + stats.z(level) / (3 * sqrt(count + 1))) ^ 3
            when count >= 0 then stats.exact_limit(count, level, true)
        end
    )::stats.interval;
end;
comment on function stats.count_ci(float8, float8) is
'Limits of a count of events, as a count: Byar''s from 10 events on, exact below; the lower limit of 0 is 0. Null limits
for a negative count. Byar''s lower limit, which can fall below 0 for few events, cannot from 10 on.
Source: Byar in Breslow & Day (1987); Garwood (1936); OHID Fingertips technical guidance for the change at 10.';

create function stats.rate_ci(count float8, denominator float8, multiplier float8, level float8)
returns stats.interval
language sql immutable parallel safe
begin atomic
    select row(
        case when denominator > 0 and denominator < 'infinity' and multiplier > 0 then
            (stats.count_ci(count, level)).lower / denominator * multiplier
        end,
        case when denominator > 0 and denominator < 'infinity' and multiplier > 0 then
            (stats.count_ci(count, level)).upper / denominator * multiplier
        end
    )::stats.interval;
end;
comment on function stats.rate_ci(float8, float8, float8, float8) is
'Limits of the rate count / denominator x multiplier, per multiplier: those of the count. Null limits unless denominator
and multiplier are above 0. Source: Byar in Breslow & Day (1987) from 10 events on; Garwood (1936) below; OHID
Fingertips technical guidance.';

create function stats.mean_ci(mean float8, standard_deviation float8, n float8, level float8) returns stats.interval
language sql immutable parallel safe
begin atomic
    select row(
        case when n >= 2 and standard_deviation >= 0 then
            mean - stats.t(level, n - 1) * standard_deviation / sqrt(n)
        end,
        case when n >= 2 and standard_deviation >= 0 then
            mean + stats.t(level, n - 1) * standard_deviation / sqrt(n)
        end
    )::stats.interval;
end;
comment on function stats.mean_ci(float8, float8, float8, float8) is
'Limits of a mean of n observations, in its unit, from the standard deviation of the sample. Null limits below two
observations. Source: Student (1908); OHID Fingertips technical guidance (t distribution).';

create function stats.dsr(
    counts float8[], populations float8[], weights float8[], multiplier float8, level float8
) returns stats.rate
language plpgsql immutable strict parallel safe
as $$
declare
    strata constant int := cardinality(counts);
    rate float8 := 0;
    variance float8 := 0;
    events float8 := 0;
    standard float8 := 0;
    share float8;
    limits stats.interval;
    answer stats.rate;
begin
    if strata = 0 or cardinality(populations) <> strata or cardinality(weights) <> strata or not multiplier > 0 then
        return null;
    end if;
    for i in 1 .. strata loop
        if (counts[i] >= 0 and populations[i] > 0 and weights[i] >= 0) is not true then
            return null;
        end if;
        share := weights[i] / populations[i];
        rate := rate + share * counts[i];
        variance := variance + share * share * counts[i];
        events := events + counts[i];
        standard := standard + weights[i];
    end loop;
    if standard = 0 then
        return null;
    end if;
    answer.value := rate / standard * multiplier;
    if events > 0 then
        limits := stats.count_ci(events, level);
        share := sqrt(variance / events) / standard * multiplier;
        answer.lower := answer.value + share * (limits.lower - events);
        answer.upper := answer.value + share * (limits.upper - events);
    end if;
    return answer;
end
$$;
comment on function stats.dsr(float8[], float8[], float8[], float8, float8) is
'Directly standardised rate per multiplier with its limits, from events, populations and standard weights of the same
strata; the weights need not add to 1. All null where a stratum is missing, has nobody or a negative number; no limits
for no events. OHID does not publish one of fewer than 10 events. Source: Dobson et al (1991), the limits of the total
as stats.count_ci; OHID Fingertips technical guidance.';
