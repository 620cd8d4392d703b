/** The Kafka clients of the stream threads. */
@NullMarked
package io.millrace.topology.clients;

import org.jspecify.annotations.NullMarked;
