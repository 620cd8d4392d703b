/** A Schema Registry for local use, inside this JVM. */
@NullMarked
package io.millrace.local.registry;

import org.jspecify.annotations.NullMarked;
