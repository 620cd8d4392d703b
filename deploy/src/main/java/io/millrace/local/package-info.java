/** Kafka and a schema registry inside a JVM, for a first look, for development and for tests. */
@NullMarked
package io.millrace.local;

import org.jspecify.annotations.NullMarked;
