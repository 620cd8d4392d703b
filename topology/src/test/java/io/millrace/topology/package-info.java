/** Tests of the topology, with an engine that the test steps. */
@NullMarked
package io.millrace.topology;

import org.jspecify.annotations.NullMarked;
