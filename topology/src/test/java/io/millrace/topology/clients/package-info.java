/** Tests of the Kafka clients. */
@NullMarked
package io.millrace.topology.clients;

import org.jspecify.annotations.NullMarked;
