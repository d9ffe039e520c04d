"""Signing, filling and sealing: what the documents look like to other people's validators."""

import subprocess


def test_a_sealed_letter_with_validation_data_is_valid_in_pyhanko(judge, sealed_lt):
    verdicts = judge(sealed_lt)
    assert verdicts["signatory-1"] == {
        "valid": True,
        "trusted": True,
        "coverage": "ENTIRE_REVISION",
        "changes": "FORM_FILLING",
        "timestamped": True,
    }
    assert verdicts["seal-1"] == {
        "valid": True,
        "trusted": True,
        "coverage": "ENTIRE_REVISION",
        "changes": "LTA_UPDATES",
        "timestamped": True,
    }
