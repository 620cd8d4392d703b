package io.millrace.topology.config;

/**
 * One key of the configuration file.
 *
 * @param path as in {@code engine.slots}; {@code kafka.*} for a section that is passed through
 * @param variable the environment variable that overrides it, as in {@code MILLRACE_ENGINE_SLOTS}
 * @param type such as {@code integer}, {@code duration}, {@code size}
 * @param otherwise the default as it would be written in the file; empty if there is none
 * @param required whether it must be given
 * @param description one line
 */
public record ConfigurationKey(
    String path,
    String variable,
    String type,
    String otherwise,
    boolean required,
    String description) {}
