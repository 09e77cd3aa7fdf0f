"""SPEAKS: texts to recorded prompts.

At run time only `library` is used: it finds a text's recording and synthesises nothing, so a call
never waits for a voice. `make` (with `speak` and `phonemes`) records new texts beforehand and
needs the extra packages of `pip install .[voice]`.
"""
