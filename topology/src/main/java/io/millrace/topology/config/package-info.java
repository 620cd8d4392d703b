/** The typed configuration of a processor: one YAML file, overridden by the environment. */
@NullMarked
package io.millrace.topology.config;

import org.jspecify.annotations.NullMarked;
