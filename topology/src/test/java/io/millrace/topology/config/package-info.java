/** Tests of the configuration. */
@NullMarked
package io.millrace.topology.config;

import org.jspecify.annotations.NullMarked;
