package io.millrace.topology.config;

/** Which model answers. */
public record ModelSettings(
    @Setting(value = "Directory of the model, in the ONNX Runtime GenAI layout.", required = true)
        String directory,
    @Setting("What prompts call the model; empty for the directory's name.") String name,
    @Setting(
            value =
                "Directory of a smaller model with the same tokenizer, which drafts tokens of a"
                    + " prompt that runs alone; empty for none. Changes no token. On the CPU.",
            otherwise = "")
        String draftDirectory) {}
