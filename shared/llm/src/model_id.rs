//! Which models to use, as configuration names them: `bedrock:anthropic.claude-…,openai:gpt-…`.

use std::{fmt, str::FromStr};

use model::{Classified, ErrorClass};

/// The most models a configuration may name.
pub const MAX_MODELS: usize = 8;
const MAX_NAME_BYTES: usize = 256;

/// Who serves a model. All but Bedrock speak OpenAI's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provider {
    Bedrock,
    OpenAi,
    Ollama,
    Vllm,
}

impl Provider {
    pub const ALL: &[Self] = &[Self::Bedrock, Self::OpenAi, Self::Ollama, Self::Vllm];

    /// The name in configuration and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::Vllm => "vllm",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|provider| provider.name() == name)
    }
}

/// A provider and what it calls the model; printed `provider:name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId {
    pub provider: Provider,
    /// The provider's own name, which may hold `:` and `/`.
    pub name: String,
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider.name(), self.name)
    }
}

/// Why a text names no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelIdError {
    #[error("\"{0}\" is not of the form provider:model")]
    Form(String),
    #[error("\"{0}\" is not a provider; the providers are bedrock, openai, ollama and vllm")]
    Provider(String),
}

impl Classified for ModelIdError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }
}

impl FromStr for ModelId {
    type Err = ModelIdError;

    fn from_str(text: &str) -> Result<Self, ModelIdError> {
        let (provider, name) =
            text.split_once(':').ok_or_else(|| ModelIdError::Form(text.to_owned()))?;
        let provider = Provider::from_name(provider)
            .ok_or_else(|| ModelIdError::Provider(provider.to_owned()))?;
        let printable = |byte: u8| byte.is_ascii_graphic() && byte != b',';
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(printable) {
            return Err(ModelIdError::Form(text.to_owned()));
        }
        Ok(Self { provider, name: name.to_owned() })
    }
}

/// Why a list of models is not one. Says which variable to correct.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelsError {
    #[error("{variable}: {problem}")]
    Entry { variable: String, problem: ModelIdError },
    #[error("{variable}: \"{model}\" is listed twice")]
    Duplicate { variable: String, model: ModelId },
    #[error("{variable}: at most {MAX_MODELS} models may be listed, not {count}")]
    TooMany { variable: String, count: usize },
}

impl Classified for ModelsError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Bug
    }
}

/// Reads a comma-separated list, in the order in which the models are to be tried. An empty text
/// means that there is no model.
pub fn parse_models(variable: &str, text: &str) -> Result<Vec<ModelId>, ModelsError> {
    let variable = || variable.to_owned();
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let count = text.split(',').count();
    if count > MAX_MODELS {
        return Err(ModelsError::TooMany { variable: variable(), count });
    }
    let mut models = Vec::with_capacity(count);
    for entry in text.split(',') {
        let model: ModelId = entry
            .trim()
            .parse()
            .map_err(|problem| ModelsError::Entry { variable: variable(), problem })?;
        if models.contains(&model) {
            return Err(ModelsError::Duplicate { variable: variable(), model });
        }
        models.push(model);
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_and_the_providers_own_names() {
        for (text, expected) in [
            ("", vec![]),
            ("  ", vec![]),
            (
                "bedrock:anthropic.claude-3-5-sonnet-20241022-v2:0, openai:gpt-4o",
                vec!["bedrock:anthropic.claude-3-5-sonnet-20241022-v2:0", "openai:gpt-4o"],
            ),
            (
                "ollama:llama3.2:1b,vllm:Qwen/Qwen3-8B",
                vec!["ollama:llama3.2:1b", "vllm:Qwen/Qwen3-8B"],
            ),
            (
                "bedrock:arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x",
                vec!["bedrock:arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x"],
            ),
        ] {
            let models = parse_models("MODELS", text).unwrap();
            let printed: Vec<String> = models.iter().map(ModelId::to_string).collect();
            assert_eq!(printed, expected, "{text}");
        }
    }

    #[test]
    fn errors_name_the_variable_and_the_entry() {
        let nine = ["openai:a"; 9].join(",");
        for (text, message) in [
            ("gpt-4o", "MODELS: \"gpt-4o\" is not of the form provider:model"),
            (
                "azure:gpt-4o",
                "MODELS: \"azure\" is not a provider; the providers are bedrock, openai, ollama and vllm",
            ),
            ("openai:", "MODELS: \"openai:\" is not of the form provider:model"),
            ("openai:gpt 4", "MODELS: \"openai:gpt 4\" is not of the form provider:model"),
            ("openai:a,", "MODELS: \"\" is not of the form provider:model"),
            ("openai:a,openai:a", "MODELS: \"openai:a\" is listed twice"),
            (&nine, "MODELS: at most 8 models may be listed, not 9"),
        ] {
            assert_eq!(parse_models("MODELS", text).unwrap_err().to_string(), message);
        }
    }
}
