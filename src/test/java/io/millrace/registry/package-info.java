/** The serdes against real Schema Registries and an independent reader and writer. */
@NullMarked
package io.millrace.registry;

import org.jspecify.annotations.NullMarked;
