"""Infrastructure as code for Azure OpenAI assistants."""

__version__ = "0.1.0"
