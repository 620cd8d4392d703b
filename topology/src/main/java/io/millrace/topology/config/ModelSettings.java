package io.millrace.topology.config;

/** Which model answers. */
public record ModelSettings(
    @Setting(value = "Directory of the model, in the ONNX Runtime GenAI layout.", required = true)
        String directory,
    @Setting("What prompts call the model; empty for the directory's name.") String name) {}
