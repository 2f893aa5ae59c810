"""Operations: one function per verb. They wire the parts together and print nothing."""
