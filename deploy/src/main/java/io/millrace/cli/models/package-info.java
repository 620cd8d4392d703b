/** The {@code models} commands: making, inspecting and comparing model directories. */
@NullMarked
package io.millrace.cli.models;

import org.jspecify.annotations.NullMarked;
