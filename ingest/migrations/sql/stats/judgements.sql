-- Change, trend, comparison and quantiles: what is said of values that have limits.

create type stats.trend_result as (
    chi_square float8, slope float8, significant boolean, verdict text, method text
);
comment on type stats.trend_result is
'Trend of the last five points: chi-square with one degree of freedom, slope a period in the unit of the values,
whether it is significant, the verdict (improving, worsening or no_change; increasing or decreasing without polarity)
and the method (general: weighted regression; proportions: chi-square for trend). All null where it cannot be told.';

create function stats.trend_told(chi_square float8, slope float8, steady boolean, higher_is_better boolean, method text)
returns stats.trend_result
language sql immutable parallel safe
begin atomic
    select row(
        chi_square,
        slope,
        -- The quantile of chi-square at 99.8 % with one degree of freedom.
        chi_square > 9.54953570608324 and steady,
        case
            when not (chi_square > 9.54953570608324 and steady) then 'no_change'
            when higher_is_better is null and slope > 0 then 'increasing'
            when higher_is_better is null then 'decreasing'
            when (slope > 0) = higher_is_better then 'improving'
            else 'worsening'
        end,
        method
    )::stats.trend_result;
end;
comment on function stats.trend_told(float8, float8, boolean, boolean, text) is
'Verdict on a trend: significant at 99.8 % and its slope of one sign whichever point is left out; the workings of
stats.trend. Source: OHID Fingertips, recent trends.';

create function stats.trend(
    points float8[], lowers float8[], uppers float8[], higher_is_better boolean default null
) returns stats.trend_result
language plpgsql immutable parallel safe
as $$
declare
    n constant int := cardinality(points);
    -- Weights and weighted values of the last five points, and their sums over time.
    w float8[];
    wy float8[];
    s_w float8 := 0;
    s_wt float8 := 0;
    s_wtt float8 := 0;
    s_wy float8 := 0;
    s_wty float8 := 0;
    weight float8;
    value float8;
    -- Far-off values lose digits in the sums: they are measured from the first of the five, which no slope minds.
    origin float8;
    covariance float8;
    spread float8;
    slope float8;
    chi_square float8;
    steady boolean := true;
begin
    if (n >= 5 and cardinality(lowers) = n and cardinality(uppers) = n) is not true then
        return null;
    end if;
    origin := points[n - 4];
    for t in 1 .. 5 loop
        value := points[n - 5 + t] - origin;
        weight := uppers[n - 5 + t] - lowers[n - 5 + t];
        if (weight > 0 and weight < 'infinity' and abs(value) < 'infinity') is not true then
            return null;
        end if;
        weight := 1 / (weight / 3.92) ^ 2;
        w[t] := weight;
        wy[t] := weight * value;
        s_w := s_w + weight;
        s_wt := s_wt + weight * t;
        s_wtt := s_wtt + weight * t * t;
        s_wy := s_wy + weight * value;
        s_wty := s_wty + weight * value * t;
    end loop;
    covariance := s_w * s_wty - s_wt * s_wy;
    spread := s_w * s_wtt - s_wt * s_wt;
    for t in 1 .. 5 loop
        steady := steady and sign(covariance) = sign(
            (s_w - w[t]) * (s_wty - wy[t] * t) - (s_wt - w[t] * t) * (s_wy - wy[t])
        );
    end loop;
    slope := covariance / spread;
    chi_square := slope * covariance / s_w;
    return stats.trend_told(chi_square, slope, steady, higher_is_better, 'general');
end
$$;
comment on function stats.trend(float8[], float8[], float8[], boolean) is
'Recent trend of the last five of values in order of time, with their 95 % limits, by the general method: regression on
time with weights 1 / se^2, se = (upper - lower) / 3.92. Significant if chi-square > 9.549536 (99.8 %) and the slope has
one sign whichever of the five is left out. Null for fewer than five points or a point without limits; that they are
annual, independent and unbroken is the caller''s to see. Source: OHID Fingertips, recent trends.';

create function stats.trend_of_proportions(
    numerators float8[], denominators float8[], higher_is_better boolean default null
) returns stats.trend_result
language plpgsql immutable parallel safe
as $$
declare
    n_points constant int := cardinality(numerators);
    -- Counts r of n at times t, as the formula has them.
    s_r float8 := 0;
    s_n float8 := 0;
    s_rt float8 := 0;
    s_nt float8 := 0;
    s_ntt float8 := 0;
    r float8;
    n float8;
    covariance float8;
    spread float8;
    slope float8;
    chi_square float8;
    steady boolean := true;
begin
    if (n_points >= 5 and cardinality(denominators) = n_points) is not true then
        return null;
    end if;
    for t in 1 .. 5 loop
        r := numerators[n_points - 5 + t];
        n := denominators[n_points - 5 + t];
        if (n > 0 and n < 'infinity' and r between 0 and n) is not true then
            return null;
        end if;
        s_r := s_r + r;
        s_n := s_n + n;
        s_rt := s_rt + r * t;
        s_nt := s_nt + n * t;
        s_ntt := s_ntt + n * t * t;
    end loop;
    -- None or all of them in each year: there is no variance to judge by.
    if s_r = 0 or s_r = s_n then
        return null;
    end if;
    covariance := s_n * s_rt - s_r * s_nt;
    spread := s_n * s_ntt - s_nt * s_nt;
    for t in 1 .. 5 loop
        r := numerators[n_points - 5 + t];
        n := denominators[n_points - 5 + t];
        steady := steady and sign(covariance) = sign(
            (s_n - n) * (s_rt - r * t) - (s_r - r) * (s_nt - n * t)
        );
    end loop;
    slope := covariance / spread;
    chi_square := slope * covariance * s_n / (s_r * (s_n - s_r));
    return stats.trend_told(chi_square, slope, steady, higher_is_better, 'proportions');
end
$$;
comment on function stats.trend_of_proportions(float8[], float8[], boolean) is
'Recent trend of the last five of shares in order of time, by the chi-square test for trend; the slope is the change of
the share (0 to 1) a period. Significant if chi-square > 9.549536 (99.8 %) and the slope, weighted by the denominators,
has one sign whichever of the five is left out (OHID''s older code leaves out of a regression of logits, which 0 and
100 % have none of). Null for fewer than five points, or none or all in every year.
Source: Armitage (1955); OHID Fingertips, recent trends.';

create function stats.proportion_change_z(p1 float8, n1 float8, p2 float8, n2 float8, design_effect float8)
returns float8
language sql immutable parallel safe
begin atomic
    select case
        when n1 > 0 and n2 > 0 and p1 between 0 and 1 and p2 between 0 and 1 and design_effect > 0 then
            (p2 - p1) / nullif(sqrt(design_effect * (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)), 0)
    end;
end;
comment on function stats.proportion_change_z(float8, float8, float8, float8, float8) is
'Normal deviate of the change from share p1 of n1 to share p2 of n2 (0 to 1), independent samples; above 0 when it rose.
Null where neither share has any variance. Source: Armitage & Berry, Statistical Methods in Medical Research (difference
of two proportions, unpooled); Kish (1965) for the design effect, 1 for a simple sample.';

create function stats.smallest_detectable_change(
    p float8, n1 float8, n2 float8, design_effect float8, level float8
) returns float8
language sql immutable parallel safe
begin atomic
    select case
        when n1 > 0 and n2 > 0 and p between 0 and 1 and design_effect > 0 then
            stats.z(level) * sqrt(design_effect * p * (1 - p) * (1 / n1 + 1 / n2))
    end;
end;
comment on function stats.smallest_detectable_change(float8, float8, float8, float8, float8) is
'Smallest change of a share near p (0 to 1), between samples of n1 and n2, that the test of stats.proportion_change_z
would call significant at the level: 0.0418 for p 0.5, 1,100 each, design effect 1, level 0.95.
Source: Armitage & Berry (difference of two proportions); Kish (1965) for the design effect.';

create function stats.rate_change_z(count1 float8, denominator1 float8, count2 float8, denominator2 float8)
returns float8
language sql immutable parallel safe
begin atomic
    select case
        when count1 > 0 and count2 > 0 and denominator1 > 0 and denominator2 > 0 then
            ln(count2 / denominator2 / (count1 / denominator1)) / sqrt(1 / count1 + 1 / count2)
    end;
end;
comment on function stats.rate_change_z(float8, float8, float8, float8) is
'Normal deviate of the logarithm of the ratio of the second rate to the first; above 0 when it rose. Its size is above
stats.z(level) just when the interval of stats.rate_ratio_ci at that level leaves 1 out. Null where a count is 0.
Source: Breslow & Day (1987); Rothman & Greenland, Modern Epidemiology (ratio of two rates).';

create function stats.rate_ratio_ci(
    count1 float8, denominator1 float8, count2 float8, denominator2 float8, level float8
) returns stats.interval
language sql immutable parallel safe
begin atomic
    select row(
        case when count1 > 0 and count2 > 0 and denominator1 > 0 and denominator2 > 0 then
            count2 / denominator2 / (count1 / denominator1) * exp(-stats.z(level) * sqrt(1 / count1 + 1 / count2))
        end,
        case when count1 > 0 and count2 > 0 and denominator1 > 0 and denominator2 > 0 then
            count2 / denominator2 / (count1 / denominator1) * exp(stats.z(level) * sqrt(1 / count1 + 1 / count2))
        end
    )::stats.interval;
end;
comment on function stats.rate_ratio_ci(float8, float8, float8, float8, float8) is
'Limits of the ratio of the second rate to the first, of events that are independent; 1 means no change. For counts
alone the denominators are 1. Null where a count is 0. Source: Breslow & Day (1987); Rothman & Greenland, Modern
Epidemiology (ratio of two rates, on the logarithm).';

create function stats.change_z(
    value1 float8, lower1 float8, upper1 float8, value2 float8, lower2 float8, upper2 float8
) returns float8
language sql immutable parallel safe
begin atomic
    select case
        when upper1 >= lower1 and upper2 >= lower2 then
            (value2 - value1) * 3.92 / nullif(sqrt((upper1 - lower1) ^ 2 + (upper2 - lower2) ^ 2), 0)
    end;
end;
comment on function stats.change_z(float8, float8, float8, float8, float8, float8) is
'Normal deviate of the change between two independent values with 95 % limits, se = (upper - lower) / 3.92; above 0 when
it rose. Null where neither has any width. Source: Altman & Bland (2003), Interaction revisited; the standard error as
OHID Fingertips takes it from limits.';

create function stats.quantile(rank bigint, n bigint, k int) returns int
language sql immutable parallel safe
begin atomic
    -- In whole numbers: k + 1 - ceil((n + 1 - rank) / (n / k)).
    select case
        when k >= 1 and n >= k and rank between 1 and n then (k + 1 - ((n + 1 - rank) * k + n - 1) / n)::int
    end;
end;
comment on function stats.quantile(bigint, bigint, int) is
'Quantile 1 to k of the rank-th of n values. With the least rank of those that tie, rank() over (order by value), they
share a quantile. Null if n < k. Source: phe_quantile of PHEindicatormethods (OHID), its rule in whole numbers.';

create function stats.compare(
    lower_95 float8, upper_95 float8, lower_998 float8, upper_998 float8, benchmark float8, polarity text
) returns text
language sql immutable parallel safe
begin atomic
    select case
        when num_nulls(lower_95, upper_95, lower_998, upper_998, benchmark) > 0 then null
        when upper_998 < benchmark then
            case polarity
                when 'higher_is_better' then 'worse_998' when 'lower_is_better' then 'better_998' else 'lower_998'
            end
        when lower_998 > benchmark then
            case polarity
                when 'higher_is_better' then 'better_998' when 'lower_is_better' then 'worse_998' else 'higher_998'
            end
        when upper_95 < benchmark then
            case polarity
                when 'higher_is_better' then 'worse_95' when 'lower_is_better' then 'better_95' else 'lower_95'
            end
        when lower_95 > benchmark then
            case polarity
                when 'higher_is_better' then 'better_95' when 'lower_is_better' then 'worse_95' else 'higher_95'
            end
        else 'similar'
    end;
end;
comment on function stats.compare(float8, float8, float8, float8, float8, text) is
'Comparison of an area''s limits with the value of a benchmark (not its limits): better_998, better_95, similar,
worse_95 or worse_998; higher_ and lower_ instead where polarity is neither higher_is_better nor lower_is_better. Null
where a number is missing. Source: OHID Fingertips technical guidance (confidence intervals against a benchmark, 95 %
and 99.8 %).';
