"""Published theorems as the derivations use them: typed hypotheses, typed conclusion, source and number.

Nothing here is proved by the package. A theorem is stated no more generally than its source has it; what is the
project's own step from the source to the use is a step of a derivation. One module a field.
"""
