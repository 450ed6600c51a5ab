"""TMF620 v4 JSON into the suite, as a client of its public API.

``read`` turns files into records, ``normalise`` turns records into a plan by the stated ``rules``
(pure, no HTTP), ``apply`` compares the plan with the suite and writes the differences through
``client``, ``publishing`` publishes, ``report`` tells what was done and what was assumed.
"""
