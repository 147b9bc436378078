"""Small models in which rules apply: each file has ``CASES``, and ``test_rule_costs.py`` races them all."""
