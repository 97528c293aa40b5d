"""The compiled update path: guesses of the optimum, their levels and buckets.

One guess gamma keeps levels 1..T. With tau = gamma/(2k), nested candidate sets
R_1 > R_2 > ..., samples S_i of a bucket of R_i, and G_i = G_{i-1} + S_i:

    (I1) R_1 = {alive e: f(e) >= tau}
    (I2) R_{i+1} = {e in R_i: f(e | G_i) >= tau}
    (I3) if |G_T| < k then R_{T+1} is empty
    (I4) an accepted element had a gain of at least theta_i >= tau

The candidate sets are nested, so one level for each element describes them all.
"""
